/** How well a number tells two sorts of pairs apart: 0.5 is chance, 1 always, 0 always the wrong way round. Ties count half. */
export function auc(positive: readonly number[], negative: readonly number[]): number {
  const all = [...positive.map((value) => ({ value, yes: true })), ...negative.map((value) => ({ value, yes: false }))].sort(
    (a, b) => a.value - b.value,
  );
  let rankSum = 0;
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (to < all.length && all[to]?.value === all[from]?.value) to++;
    const rank = (from + 1 + to) / 2;
    for (let i = from; i < to; i++) if (all[i]?.yes === true) rankSum += rank;
    from = to;
  }
  const n = positive.length;
  return (rankSum - (n * (n + 1)) / 2) / (n * negative.length);
}
