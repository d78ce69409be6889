import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nameValues, placeholders, render, TemplateError } from '../../specs/template.ts';

describe('render', () => {
  it('replaces names, also those of outputs', () => {
    const values = { input: 'a.lhe', 'output.dst': 'a.dst', run: 7 };
    assert.equal(render('reco -r {run} {input} {output.dst}', values), 'reco -r 7 a.lhe a.dst');
  });

  it('writes doubled braces as one', () => {
    assert.equal(render("awk '{{print}}' {{{input}}}", { input: 'x' }), "awk '{print}' {x}");
  });

  it('inserts values as they are, not as templates', () => {
    assert.equal(render('{a}', { a: '{b}', b: 'no' }), '{b}');
  });

  for (const template of ['{', '}', 'a{', '{}', '{a b}', '{1}', "awk '{print $1}'"]) {
    it(`refuses the stray brace of ${template}`, () =>
      assert.throws(() => render(template, {}), TemplateError));
  }

  it('refuses a name it has no value for, also one that every object has', () => {
    assert.throws(() => render('{stem}', {}), { message: 'no value for {stem}' });
    assert.throws(() => render('{toString}', {}), TemplateError);
  });

  it('gives any text back whose braces are doubled', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}ab.$ ') }), (text) => {
        assert.equal(render(text.replace(/[{}]/g, '$&$&'), {}), text);
      }),
    );
  });

  it('needs exactly the values that placeholders() tells', () => {
    const part = fc.oneof(
      fc.constantFrom('{{', '}}', 'x', '/'),
      fc.constantFrom('stem', 'run', 'output.dst').map((n) => `{${n}}`),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const template = parts.join('');
        const values = Object.fromEntries(placeholders(template).map((name) => [name, 'v']));
        render(template, values);
        for (const name of Object.keys(values)) {
          const { [name]: _, ...fewer } = values;
          assert.throws(() => render(template, fewer), TemplateError);
        }
      }),
    );
  });
});

describe('nameValues', () => {
  it('splits a name at its last dot', () => {
    assert.deepEqual(nameValues('a.b.lhe'), { name: 'a.b.lhe', stem: 'a.b', ext: '.lhe' });
    assert.deepEqual(nameValues('raw'), { name: 'raw', stem: 'raw', ext: '' });
    assert.deepEqual(nameValues('.raw'), { name: '.raw', stem: '.raw', ext: '' });
  });

  it('loses nothing: stem and ext are the name', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        assert.equal(render('{stem}{ext}', nameValues(name)), name);
      }),
    );
  });
});
