// A FLAC file with other tags: STREAMINFO, one comment block, and the frames as they were (RFC 9639, section 8).
export const withTags = (file, comments) => {
  let at = 4;
  let last = false;
  let info = null;
  while (!last) {
    last = (file[at] & 0x80) !== 0;
    const length = file.readUIntBE(at + 1, 3);
    if ((file[at] & 0x7f) === 0) info = file.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  const header = (type, length, isLast) => Buffer.from([(isLast ? 0x80 : 0) | type, length >> 16, (length >> 8) & 255, length & 255]);
  const text = (string) => { const bytes = Buffer.from(string); const size = Buffer.alloc(4); size.writeUInt32LE(bytes.length); return Buffer.concat([size, bytes]); };
  const count = Buffer.alloc(4);
  count.writeUInt32LE(comments.length);
  const block = Buffer.concat([text("test"), count, ...comments.map(text)]);
  return Buffer.concat([Buffer.from("fLaC"), header(0, info.length, false), info, header(4, block.length, true), block, file.subarray(at)]);
};
