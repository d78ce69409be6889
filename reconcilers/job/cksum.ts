/** The CRC of each byte: that of POSIX's `cksum`, which every node has. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
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
  // By index: an iterator takes ten times as long, and this is done for every submission.
  for (let at = 0; at < bytes.length; at += 1) crc = withByte(crc, bytes[at] ?? 0);
  for (let length = bytes.length; length > 0; length = Math.floor(length / 256)) {
    crc = withByte(crc, length % 256);
  }
  return `${~crc >>> 0} ${bytes.length} ${name}`;
}

function withByte(crc: number, byte: number): number {
  return (crc << 8) ^ (TABLE[(crc >>> 24) ^ byte] ?? 0);
}
