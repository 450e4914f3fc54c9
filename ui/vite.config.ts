// How the console is built: into the Python package, with a compressed twin beside every file.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { emojiData } from "./emojiData.ts";

const OUT = "../src/houston/web";
const SERVER = process.env.HOUSTON_URL ?? "http://127.0.0.1:8080";

/** Thirty files of a few bytes each took longer to ask for than to load. Styles keep their order. */
const SHARED = { name: "shared", test: /\.(tsx?|m?js)$/, minShareCount: 2 };

/** Compressing once here is cheaper than the server doing it for every browser. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    closeBundle() {
      for (const entry of readdirSync(OUT, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(js|css|html|svg|json|webmanifest)$/.test(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        const bytes = readFileSync(path);
        writeFileSync(`${path}.br`, brotliCompressSync(bytes));
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), emojiData(), compressed()],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    rolldownOptions: { output: { codeSplitting: { groups: [SHARED] } } },
  },
  server: { proxy: { "/api": SERVER, "/files": SERVER } },
});
