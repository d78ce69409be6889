import { behavesLikeACatalog } from '../contract/catalog.ts';
import { memoryCatalog } from '../memory/catalog.ts';

describe('the memory catalog', () => {
  behavesLikeACatalog({
    open: (contents) => ({ ...memoryCatalog(contents), close: () => undefined }),
  });
});
