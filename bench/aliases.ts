/** Aliases of many shapes, made from a list of verbs and things: as many as are asked for, no two that fit one command. */
export function manyAliases(count: number): object[] {
  const verbs = ['list', 'restart', 'deploy', 'show', 'stop', 'scale', 'drain', 'backup', 'rotate', 'check'];
  return Array.from({ length: count }, (_, number) => {
    const verb = verbs[number % verbs.length] ?? 'do';
    const thing = `thing${Math.floor(number / verbs.length)}`;
    const format = [
      `${verb} ${thing} {{name}}`,
      `${verb} ${thing} {{name}} to {{target=prod}}`,
      `${verb}( the)? ${thing} {{name}}[!.]?`,
      `${verb} ${thing} {{name}} on {{hosts}}`,
    ][number % 4];
    const name = `alias${number}`;
    return {
      id: `id${number}`,
      uid: `action_alias:bench:${name}`,
      name,
      ref: `bench.${name}`,
      pack: 'bench',
      description: `The ${number}th`,
      enabled: true,
      action_ref: 'bench.run',
      formats: [format],
      ack: {},
      result: {},
      extra: {},
      immutable_parameters: {},
    };
  });
}

/** The one that the bench's messages ask for, beside the many. */
export const benchAlias = {
  id: 'bench',
  name: 'bench',
  ref: 'bench.bench',
  pack: 'bench',
  enabled: true,
  action_ref: 'bench.run',
  formats: ['bench {{number}} of {{run}}'],
  ack: { enabled: false },
  result: {},
};
