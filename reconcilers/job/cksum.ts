/** The CRC that POSIX's `cksum` prints: every node can compute it, with one process for both files. */
const TABLE = Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc >>> 0;
});

/**
 * The line that `cksum NAME` prints of a file with these bytes.
 *
 * Source: POSIX.1-2017, cksum.
 */
export function cksumLine(name: string, bytes: Uint8Array): string {
  let crc = 0;
  const add = (byte: number) => {
    crc = ((crc << 8) ^ (TABLE[(crc >>> 24) ^ byte] ?? 0)) >>> 0;
  };
  for (const byte of bytes) add(byte);
  for (let length = bytes.length; length > 0; length = Math.floor(length / 256)) add(length % 256);
  return `${~crc >>> 0} ${bytes.length} ${name}`;
}
