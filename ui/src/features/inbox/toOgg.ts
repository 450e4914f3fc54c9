// Puts the sound of a WebM into an OGG, as it is. Loaded when somebody has recorded where OGG cannot be.
import {
  BlobSource,
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacketSink,
  Input,
  OggOutputFormat,
  Output,
  WEBM,
} from "mediabunny";

export async function toOgg(webm: Blob): Promise<ArrayBuffer> {
  const input = new Input({ source: new BlobSource(webm), formats: [WEBM] });
  const track = await input.getPrimaryAudioTrack();
  const decoderConfig = await track?.getDecoderConfig();
  if (track === null || decoderConfig == null) throw new Error("nothing was recorded");
  const target = new BufferTarget();
  const output = new Output({ format: new OggOutputFormat(), target });
  const source = new EncodedAudioPacketSource("opus");
  output.addAudioTrack(source);
  await output.start();
  for await (const packet of new EncodedPacketSink(track).packets()) {
    await source.add(packet, { decoderConfig });
  }
  await output.finalize();
  if (target.buffer === null) throw new Error("nothing was recorded");
  return target.buffer;
}
