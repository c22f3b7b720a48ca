/** Where a link of a page leads, by its words; as it stands in the page. */
export function openUrlOf(html: string, words: string): string | undefined {
  return [...html.matchAll(/<a [^>]*href="([^"]*)"[^>]*>([^<]*)<\/a>/g)].find(
    ([, , text]) => text === words,
  )?.[1];
}
