import assert from 'node:assert/strict';
import { type NewsLine, newsOf } from '../../bin/news.ts';

describe('news', () => {
  it('are told once while they last, and again when they are back', () => {
    const told: string[] = [];
    const news = newsOf({
      info: (text) => void told.push(`info ${text}`),
      error: (text) => void told.push(`error ${text}`),
    });
    const wrong: NewsLine = { text: 'p17.yaml:5:11 unknown field', level: 'error' };
    const names: NewsLine = { text: '1 dataset: p17', level: 'info' };
    for (const lines of [[wrong, names], [wrong, names], [names], [wrong, names]]) news.tell(lines);
    assert.deepEqual(told, [`error ${wrong.text}`, `info ${names.text}`, `error ${wrong.text}`]);
  });
});
