interface NumberInput {
  readonly is_decimal_allowed: boolean;
  readonly initial_value?: string | undefined;
  readonly min_value?: string | undefined;
  readonly max_value?: string | undefined;
}

/** Slack takes no range that holds nothing, and no start outside of it. */
export function isInRange({ min_value, max_value, initial_value }: NumberInput): boolean {
  const [least, most] = [Number(min_value ?? '-Infinity'), Number(max_value ?? 'Infinity')];
  const initial = initial_value === undefined ? least : Number(initial_value);
  return least <= most && initial >= least && initial <= most;
}

export function isWhole({ is_decimal_allowed, min_value, max_value, initial_value }: NumberInput): boolean {
  const numbers = [min_value, max_value, initial_value].filter((one) => one !== undefined);
  return is_decimal_allowed || numbers.every((one) => !one.includes('.'));
}
