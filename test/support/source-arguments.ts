/** Node's options by which this process reads TypeScript, for a child that has to read it too. */
export const sourceArguments: readonly string[] = process.execArgv.flatMap((argument, index, all) =>
  argument === '--import' ? [argument, all[index + 1] ?? ''] : [],
);
