/** What live tails and pages of records send, taken apart. */
export interface Shown {
  readonly partition: number;
  readonly offset: number;
  readonly value: unknown;
}

/** The events of a stream, one by one. */
export async function* events(response: Response): AsyncGenerator<{ id: string; data: Shown }> {
  let text = "";
  for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
    text += part;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const match = /^id: (.*)\ndata: (.*)$/.exec(text.slice(0, end));
      text = text.slice(end + 2);
      if (match !== null) yield { id: match[1]!, data: JSON.parse(match[2]!) };
    }
  }
}

export async function take<Item>(items: AsyncGenerator<Item>, count: number): Promise<Item[]> {
  const taken: Item[] = [];
  while (taken.length < count) {
    const { done, value } = await items.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}

export function values(shown: readonly Shown[]): unknown[] {
  return shown.map(({ value }) => value);
}
