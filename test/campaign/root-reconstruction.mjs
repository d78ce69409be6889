// A reconstruction that reads ROOT files byte by byte, with nothing but Node.
//
// usage: node root-reconstruction.mjs INPUT OUTPUT
//
// Finds the TTree `events` by the file's directory of keys, inflates it and reads its number
// of entries. Then reads the baskets of a branch that has one 32-bit number for each event,
// and writes a line for each. Says what it has read; fails where the two counts differ.
//
// The format: https://root.cern/doc/master/classTFile.html (records), classTKey, classTTree.
import { readFileSync, writeFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';

const TREE = 'events';
/** Keys with a higher version have 64-bit pointers. */
const BIG_KEY = 1000;
const HAS_BYTE_COUNT = 0x40000000;

/** A cursor over big-endian bytes. */
function reader(bytes, start = 0) {
  let at = start;
  const step = (size) => {
    at += size;
    return at - size;
  };
  return {
    at: () => at,
    skip: step,
    u8: () => bytes.readUInt8(step(1)),
    i16: () => bytes.readInt16BE(step(2)),
    i32: () => bytes.readInt32BE(step(4)),
    u32: () => bytes.readUInt32BE(step(4)),
    i64: () => Number(bytes.readBigInt64BE(step(8))),
    text() {
      const short = this.u8();
      const length = short === 255 ? this.u32() : short;
      return bytes.toString('latin1', step(length), at);
    },
  };
}

/** The key of a record: what it is, where its object begins, how long that is when inflated. */
function keyAt(bytes, start) {
  const read = reader(bytes, start);
  const size = read.i32();
  if (size <= 0) return { size, className: '' };
  const version = read.i16();
  const objectSize = read.i32();
  read.skip(4);
  const keySize = read.i16();
  read.skip(2);
  const [seek] = version > BIG_KEY ? [read.i64(), read.i64()] : [read.i32(), read.i32()];
  const [className, name] = [read.text(), read.text(), read.text()];
  return { start, size, version, objectSize, keySize, seek, className, name, extra: read.at() };
}

/** The object of a record: as it is, or in blocks of at most 16 MB, each inflated by itself. */
function objectOf(bytes, key) {
  const stored = bytes.subarray(key.start + key.keySize, key.start + key.size);
  if (stored.length === key.objectSize) return stored;
  const blocks = [];
  for (let at = 0; at < stored.length; ) {
    const method = stored.toString('latin1', at, at + 2);
    if (method !== 'ZL') throw new Error(`${key.name} is packed by ${method}, not by zlib`);
    const packed = stored.readUIntLE(at + 3, 3);
    blocks.push(inflateSync(stored.subarray(at + 9, at + 9 + packed)));
    at += 9 + packed;
  }
  return Buffer.concat(blocks);
}

/** The keys that the file's own directory lists. */
function directoryOf(bytes) {
  const head = reader(bytes, 4);
  const version = head.i32();
  const begin = head.i32();
  head.skip(version >= 1_000_000 ? 24 : 16);
  const nameSize = head.i32();
  const directory = reader(bytes, begin + nameSize);
  const far = directory.i16() > BIG_KEY;
  directory.skip(16 + (far ? 16 : 8));
  const list = keyAt(bytes, far ? directory.i64() : directory.i32());
  const entries = reader(bytes, list.start + list.keySize);
  const keys = [];
  for (let left = entries.i32(), at = entries.at(); left > 0; left -= 1) {
    const key = keyAt(bytes, at);
    keys.push(key);
    at += key.keySize;
  }
  return keys;
}

/** Pass over a base class, whose size is written before it. */
function skipBase(read) {
  const count = read.u32();
  if ((count & HAS_BYTE_COUNT) === 0) throw new Error('a part of the tree does not say how long it is');
  read.skip(count & ~HAS_BYTE_COUNT);
}

/** `TTree::fEntries`: the first number after the tree's four base classes. */
function entriesOf(bytes) {
  const listed = directoryOf(bytes).find((key) => key.className === 'TTree' && key.name === TREE);
  if (listed === undefined) throw new Error(`there is no tree ${TREE}`);
  const read = reader(objectOf(bytes, keyAt(bytes, listed.seek)));
  read.skip(6);
  for (let base = 0; base < 4; base += 1) skipBase(read);
  return read.i64();
}

/** Every record of the file from the first to the last, gaps left out. */
function* recordsOf(bytes) {
  const begin = bytes.readInt32BE(8);
  for (let at = begin; at < bytes.length; ) {
    const key = keyAt(bytes, at);
    if (key.size > 0) yield key;
    if (key.size === 0) throw new Error(`no record at byte ${at}`);
    at += Math.abs(key.size);
  }
}

/** The baskets of the first branch that has four bytes for each event. */
function basketsOf(bytes) {
  const baskets = [...recordsOf(bytes)]
    .filter((key) => key.className === 'TBasket')
    .map((key) => {
      const read = reader(bytes, key.extra);
      read.skip(10);
      return { ...key, events: read.i32() };
    });
  const branch = baskets.find(({ objectSize, events }) => objectSize === 4 * events)?.name;
  return baskets.filter(({ name }) => name === branch);
}

const [input, output] = process.argv.slice(2);
const bytes = readFileSync(input);
if (bytes.toString('latin1', 0, 4) !== 'root') throw new Error(`${input} is no ROOT file`);
const entries = entriesOf(bytes);
const lines = basketsOf(bytes).flatMap((basket) => {
  const values = objectOf(bytes, basket);
  return Array.from(
    { length: basket.events },
    (_, event) => `EVENT ${basket.name}=${values.readInt32BE(4 * event)}\n`,
  );
});
if (lines.length !== entries) {
  throw new Error(`the tree has ${entries} entries, its baskets ${lines.length} events`);
}
writeFileSync(output, lines.join(''));
console.log(`read ${entries} events`);
