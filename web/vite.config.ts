import { appendFile, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

// The server picks the form that the client takes; nothing is compressed while somebody waits.
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    async closeBundle() {
      const dist = join(import.meta.dirname, "dist");
      // Styles and fonts are no modules, so their licences are not found with the others.
      for (const name of ["@fontsource-variable/inter", "tailwindcss"]) {
        const text = await readFile(join(import.meta.dirname, "node_modules", name, "LICENSE"), "utf8");
        await appendFile(join(dist, "licenses.txt"), `\n## ${name}\n\n${text}`);
      }
      const names = await readdir(dist, { recursive: true });
      await Promise.all(
        names
          .filter((name) => /\.(js|css|svg|txt)$/.test(name))
          .map(async (name) => {
            const path = join(dist, name);
            const bytes = await readFile(path);
            const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
            await writeFile(`${path}.br`, await promisify(brotliCompress)(bytes, quality));
            await writeFile(`${path}.gz`, await promisify(gzip)(bytes, { level: 9 }));
          }),
      );
    },
  };
}

const server = process.env.JMEM ?? "http://127.0.0.1:8765";

export default defineConfig({
  plugins: [react(), tailwindcss(), compressed()],
  resolve: { alias: { "@": join(import.meta.dirname, "src") } },
  // src/web/mod.rs puts a number of each answer's own in its place.
  html: { cspNonce: "__CSP_NONCE__" },
  build: {
    target: "es2022",
    // The content policy allows no data: fonts or scripts.
    assetsInlineLimit: 0,
    // What is served of others goes with their licences.
    license: { fileName: "licenses.txt" },
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // Every feature has a page.tsx: its code is named after the feature.
        chunkFileNames: ({ facadeModuleId }) =>
          `assets/${/features\/([^/]+)\/page\.tsx$/.exec(facadeModuleId ?? "")?.[1] ?? "[name]"}-[hash].js`,
      },
    },
  },
  // npm run dev: the page with hot reload, all else from a running jmem.
  server: {
    proxy: Object.fromEntries(
      ["/api", "/mcp", "/oauth", "/.well-known", "/config.json", "/openapi.json", "/docs", "/health"].map((path) => [
        path,
        { target: server, changeOrigin: false },
      ]),
    ),
  },
});
