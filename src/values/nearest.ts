/**
 * Which of some words a mistyped one was probably meant to be.
 * @module
 */

/** The candidate that differs least; `undefined` when all differ by more than a third of the word. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const mostEdits = Math.max(1, Math.floor(word.length / 3));
  const ranked = candidates.map((candidate) => ({ candidate, edits: editsBetween(word, candidate) }))
    .filter(({ edits }) => edits <= mostEdits)
    .sort((a, b) => a.edits - b.edits);
  return ranked[0]?.candidate;
}

/** How many characters have to be put in, taken out, replaced, or swapped with their neighbour. */
function editsBetween(a: string, b: string): number {
  let twoBefore: readonly number[] = [];
  let before = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const edits = [row];
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1];
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      edits[column] = Math.min(
        before[column]! + 1,
        edits[column - 1]! + 1,
        before[column - 1]! + (isSame ? 0 : 1),
        isSwap ? twoBefore[column - 2]! + 1 : Infinity,
      );
    }
    [twoBefore, before] = [before, edits];
  }
  return before[b.length]!;
}
