/**
 * How deep JSON lies in itself, told without parsing it: what is too deep ends
 * many a reader, ours by its stack. Called before bodies are read and before
 * records are shown.
 */

const [QUOTE, BACKSLASH, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = Array.from(
  '"\\{}[]',
  (sign) => sign.charCodeAt(0),
);

/** Deeper JSON is refused. */
export const JSON_DEPTH_MAX = 1_000;

/** True for JSON that lies deeper in itself than `depthMax`; of other text it says nothing. */
export function isDeeperThan(depthMax: number, text: string): boolean {
  if (text.length <= depthMax) return false;
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text.charCodeAt(at);
    if (isInText) {
      if (sign === BACKSLASH) at++;
      else if (sign === QUOTE) isInText = false;
    } else if (sign === QUOTE) isInText = true;
    else if (sign === OPEN || sign === OPEN_LIST) {
      if (++depth > depthMax) return true;
    } else if (sign === CLOSE || sign === CLOSE_LIST) depth--;
  }
  return false;
}
