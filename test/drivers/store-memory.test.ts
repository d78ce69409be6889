import { behavesLikeAStore } from '../contract/store.ts';
import { memoryStore } from '../memory/store.ts';

describe('the memory store', () => {
  behavesLikeAStore({
    open: async () => {
      const memory = memoryStore('memory');
      return {
        store: memory.store,
        write: async (path, text) => void memory.contents.set(path, Buffer.from(text)),
        read: async (path) => memory.contents.get(path)?.toString(),
        goDown: async () => memory.goDown(),
        comeBack: async () => memory.comeBack(),
        cutAnswersInHalf: memory.cutAnswersInHalf,
        close: async () => undefined,
      };
    },
  });
});
