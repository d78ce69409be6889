/** What `make` makes at the first call, and the same thing at every later one. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** What `find` finds, remembered from then on; it is asked again as long as it finds `undefined`. */
export function onceKnown<T>(find: () => Promise<T | undefined>): () => Promise<T | undefined> {
  let known: T | undefined;
  return async () => {
    known ??= await find();
    return known;
  };
}
