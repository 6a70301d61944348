/** A stretch of a text, and whether the other text has it too. */
export interface Stretch {
  text: string;
  differs: boolean;
}

/** Words, single letters of scripts without spaces, and all else one by one. */
const PIECES = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{N}'’_-]+|\s+|./gsu;
/** Beyond so many comparisons nothing is marked: texts so long are read, not compared. */
const MOST = 1_000_000;

const pieces = (text: string) => text.match(PIECES) ?? [];
const fold = (piece: string) => (/^\s+$/.test(piece) ? " " : piece.toLowerCase());

/** Both texts, with the words marked that only one of them has. */
export function differences(one: string, other: string): [Stretch[], Stretch[]] {
  const [a, b] = [pieces(one), pieces(other)];
  const [as, bs] = [a.map(fold), b.map(fold)];
  if (a.length * b.length > MOST) return [[{ text: one, differs: false }], [{ text: other, differs: false }]];
  // Lengths of the longest common part of what begins at each place.
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i * width + j] = as[i] === bs[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const inA = new Set<number>();
  const inB = new Set<number>();
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (as[i] === bs[j]) {
      inA.add(i++);
      inB.add(j++);
    } else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return [joined(a, inA), joined(b, inB)];
}

function joined(all: string[], shared: ReadonlySet<number>): Stretch[] {
  const stretches: Stretch[] = [];
  all.forEach((text, at) => {
    const differs = !shared.has(at) && text.trim() !== "";
    const last = stretches.at(-1);
    // The space between two words that differ belongs to them.
    const between = last?.differs && text.trim() === "" && at + 1 < all.length && !shared.has(at + 1);
    if (last && (last.differs === differs || between)) last.text += text;
    else stretches.push({ text, differs });
  });
  return stretches;
}
