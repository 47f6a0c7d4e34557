// Bundles the browser side into dist/. `--check` builds in memory and fails when dist/ differs.
//
// Entries are found, not listed: src/*.js and src/<surface>/main.js become <name>.js, every css file that is
// not one of the shared layers becomes <name>.css. The manifest names each bundle's content hash (its URL is
// /static/<hash>/<name>) and the sha256 of every source, so that a test without Node can tell drift.
// A long style sheet is the list of its parts, which lie in the folder of its name: see joinParts.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const dist = join(here, "dist");
const LAYERS = new Set(["tokens.css", "base.css", "components.css"]);
const TARGET = ["chrome123", "firefox120", "safari17.5"];
const ICONS = readFileSync(join(here, "icons.txt"), "utf8").split(/\s+/).filter(Boolean);

/** Bytes, gzip (design: interface.md); the page itself, about 1 kB, comes on top of the first opening. */
const BUDGET = { loader: 3000, firstOpen: 43_500 };
const FIRST_OPEN = ["loader.js", "widget.css", "widget.js", "icons-widget.svg"];

/** The desk speaks websockets and text only: the rest of socket.io's transport stays out of the bundles. */
const SLIM = {
  "socket.io-client": join(root, "node_modules/socket.io-client/build/esm/manager.js"),
  "engine.io-client": join(here, "src/shared/engine.js"),
  "socket.io-parser": join(here, "src/shared/packets.js"),
};

/** @param {string | Uint8Array} bytes */
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/**
 * One symbol per Lucide icon; stroke and size come from the class "ic".
 * @param {string[]} names
 */
function sprite(names) {
  const symbols = [...names].sort().map((name) => {
    const file = readFileSync(join(root, "node_modules/lucide-static/icons", `${name}.svg`), "utf8");
    const shapes = file.slice(file.indexOf(">", file.indexOf("<svg")) + 1, file.indexOf("</svg>"));
    return `<symbol id="i-${name}" viewBox="0 0 24 24">${shapes.replace(/\s*\n\s*/g, "").replaceAll(" />", "/>")}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
}

/** @returns {{name: string, path: string}[]} */
function entries() {
  const src = join(here, "src");
  const scripts = readdirSync(src, { withFileTypes: true }).flatMap((item) => {
    if (item.isDirectory()) {
      const path = join(src, item.name, "main.js");
      return existsSync(path) ? [{ name: `${item.name}.js`, path }] : [];
    }
    return item.name.endsWith(".js") ? [{ name: item.name, path: join(src, item.name) }] : [];
  });
  const css = join(here, "css");
  const styles = readdirSync(css).filter((name) => name.endsWith(".css") && !LAYERS.has(name));
  return [...scripts, ...styles.map((name) => ({ name, path: join(css, name) }))];
}

/**
 * A sheet and its parts (`@import "./inbox/list.css"`) are bundled as one text: taken as files of their own,
 * each part would close its layer and the next open it again, in every bundle that travels.
 * @param {Set<string>} parts what was read, from the root
 * @returns {esbuild.Plugin}
 */
const joinParts = (parts) => ({
  name: "join-parts",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, ({ path }) => {
      const sheet = readFileSync(path, "utf8").replace(/^@import "(\.\/[^/"]+\/[^/"]+)";$/gm, (_, part) => {
        const file = join(dirname(path), part);
        parts.add(relative(root, file));
        return readFileSync(file, "utf8");
      });
      return { contents: joinLayers(sheet), loader: "css" };
    });
  },
});

/**
 * Neighbouring blocks of one layer become one block. As biome formats a sheet, only what opens or closes a block
 * of the outermost level stands at the start of a line.
 * @param {string} sheet
 */
function joinLayers(sheet) {
  /** @type {string[]} */
  const joined = [];
  for (const block of sheet.split(/^(?=@)/m)) {
    const opening = block.slice(0, block.indexOf("\n") + 1);
    const last = joined.at(-1);
    if (/^@layer .+ \{\n$/.test(opening) && last?.startsWith(opening)) {
      joined[joined.length - 1] = last.replace(/^\}$/m, "") + block.slice(opening.length);
    } else joined.push(block);
  }
  return joined.join("");
}

/**
 * Once a script is minified, a line begins with blanks only where a template of markup was broken and indented. There
 * one blank says as much, and does not travel.
 * @param {string} script
 */
const unindented = (script) => script.replace(/\n[ \t]+/g, " ");

/** @param {{name: string, path: string}} entry */
async function bundle({ name, path }) {
  /** @type {Set<string>} */
  const parts = new Set();
  const result = await esbuild.build({
    entryPoints: [path],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "iife",
    target: TARGET,
    charset: "utf8",
    legalComments: "none",
    absWorkingDir: root,
    conditions: ["production"],
    alias: SLIM,
    plugins: [joinParts(parts)],
  });
  const own = Object.keys(result.metafile.inputs).filter((file) => !file.startsWith("node_modules/"));
  const { contents, text } = result.outputFiles[0];
  return {
    name,
    inputs: [...own, ...parts],
    bytes: name.endsWith(".js") ? Buffer.from(unindented(text)) : contents,
  };
}

/**
 * The icons a surface may draw: those whose names stand quoted in its sources. icons.svg has all of them.
 * @param {{name: string, inputs: string[]}} surface
 */
function icons({ name, inputs }) {
  const text = inputs.map((file) => readFileSync(join(root, file), "utf8")).join("\n");
  const used = ICONS.filter((icon) => text.includes(`"${icon}"`));
  return { name: `icons-${name.replace(".js", ".svg")}`, inputs: [], bytes: Buffer.from(sprite(used)), used };
}

async function build() {
  const bundles = await Promise.all(entries().map(bundle));
  const sprites = bundles
    .filter(({ name }) => name.endsWith(".js"))
    .map(icons)
    .filter(({ used }) => used.length > 0);
  const whole = { name: "icons.svg", inputs: [], bytes: Buffer.from(sprite(ICONS)) };
  const all = [...bundles, ...sprites, whole].sort((a, b) => (a.name < b.name ? -1 : 1));
  const own = ["build.mjs", "icons.txt"].map((file) => relative(root, join(here, file)));
  const sources = [...new Set([...own, "package-lock.json", ...all.flatMap((item) => item.inputs)])].sort();
  const manifest = {
    files: Object.fromEntries(all.map(({ name, bytes }) => [name, { hash: sha256(bytes).slice(0, 16) }])),
    sources: Object.fromEntries(sources.map((file) => [file, sha256(readFileSync(join(root, file)))])),
  };
  const outputs = new Map(all.map(({ name, bytes }) => [name, Buffer.from(bytes)]));
  outputs.set("manifest.json", Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`));
  return outputs;
}

/**
 * Sizes as they travel, and what the first opening of the chat costs in all.
 * @param {Map<string, Buffer>} outputs
 */
function weigh(outputs) {
  const weights = new Map([...outputs].map(([name, bytes]) => [name, gzipSync(bytes, { level: 9 }).length]));
  for (const [name, weight] of weights) {
    if (name === "manifest.json") continue;
    process.stdout.write(
      `${name.padEnd(18)} ${String(outputs.get(name)?.length).padStart(7)} bytes ${String(weight).padStart(6)} gzip\n`,
    );
  }
  const total = FIRST_OPEN.reduce((sum, name) => sum + (weights.get(name) ?? 0), 0);
  process.stdout.write(
    `first opening of the chat, without its page: ${total} of ${BUDGET.firstOpen} bytes\n`,
  );
  const heavy = (weights.get("loader.js") ?? 0) > BUDGET.loader || total > BUDGET.firstOpen;
  if (!heavy) return;
  process.stderr.write(
    "The chat has become too heavy: make it lighter, or change the budget in build.mjs.\n",
  );
  process.exitCode = 1;
}

/** @param {Map<string, Buffer>} outputs */
function write(outputs) {
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  for (const [name, bytes] of outputs) {
    writeFileSync(join(dist, name), bytes);
    if (name === "manifest.json") continue;
    writeFileSync(join(dist, `${name}.gz`), gzipSync(bytes, { level: 9 }));
  }
  writeFileSync(join(here, basename("icons.svg")), outputs.get("icons.svg") ?? "");
}

/** @param {Map<string, Buffer>} outputs */
function check(outputs) {
  const stale = [...outputs].filter(([name, bytes]) => {
    const path = join(dist, name);
    return !existsSync(path) || !readFileSync(path).equals(bytes);
  });
  if (stale.length === 0) return;
  const names = stale.map(([name]) => name).join(", ");
  process.stderr.write(
    `dist differs from its sources (${names}). Run npm run build and commit the result.\n`,
  );
  process.exitCode = 1;
}

const outputs = await build();
weigh(outputs);
if (process.argv.includes("--check")) check(outputs);
else write(outputs);
