/**
 * Rows by number, each as it was read and as it is to be.
 *
 * What is written is the difference; a row that comes back to what it was is not written.
 */
export function changing<R extends { readonly id: number }>(rows: readonly R[]) {
  const read = new Map(rows.map((row) => [row.id, row]));
  const now = new Map(read);
  const pairs = () =>
    [...now].flatMap(([id, after]) => {
      const before = read.get(id);
      return before === undefined || before === after || isSame(before, after) ? [] : [{ before, after }];
    });
  return {
    has: (id: number) => now.has(id),
    get(id: number): R {
      const row = now.get(id);
      if (row === undefined) throw new Error(`row ${id} is not on this page; please report`);
      return row;
    },
    set: (id: number, row: R) => now.set(id, row),
    add(row: R) {
      read.set(row.id, row);
      now.set(row.id, row);
    },
    all: (): readonly R[] => [...now.values()],
    pairs,
  };
}

/** Whether two rows are alike in every column. */
export function isSame<R extends object>(a: R, b: R): boolean {
  return (Object.keys(b) as (keyof R)[]).every((key) => a[key] === b[key]);
}
