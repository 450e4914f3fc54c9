// Files on their way into a chat, and out of it.
import { ownHeaders, problemOf, type Schemas, Unreachable } from "../../api/client";

export const FILE_BYTES_MAX = 100 * 1024 * 1024;

export type Kind = "image" | "video" | "audio" | "file";

const KINDS: readonly (readonly [Kind, RegExp])[] = [
  ["image", /\.(png|jpe?g|gif|webp|avif|bmp)$/i],
  ["video", /\.(mp4|webm|mov|m4v|3gp)$/i],
  ["audio", /\.(mp3|ogg|oga|opus|m4a|aac|wav|amr)$/i],
];

export function kindOf(name: string): Kind {
  return KINDS.find(([, ending]) => ending.test(name))?.[0] ?? "file";
}

/** Where a file is fetched from. Ours lie on this origin, whatever name of it the link was made with. */
export function placeOf(uri: string): { href: string; name: string; isOurs: boolean } {
  const url = new URL(uri, window.location.href);
  const isOurs = url.pathname.startsWith("/files/");
  const name = decodeURIComponent(url.pathname.split("/").at(-1) ?? "") || url.host;
  return { href: isOurs ? url.pathname : url.href, name, isOurs };
}

/** Stores a file at the server; its address is what a message carries. */
export async function store(file: File): Promise<string> {
  const response = await fetch(`/api/v1/files?name=${encodeURIComponent(file.name)}`, {
    method: "POST",
    headers: { ...ownHeaders(), "content-type": file.type || "application/octet-stream" },
    body: file,
  }).catch(() => {
    throw new Unreachable();
  });
  if (!response.ok) throw problemOf(response, await response.json().catch(() => ({})));
  return ((await response.json()) as Schemas["FileView"]).uri;
}
