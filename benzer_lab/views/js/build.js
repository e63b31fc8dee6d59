// Writes ../dist/scatterplot.js, one file of all packages in use, and their licenses: npm ci && npm run build

import { build } from "esbuild";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const OUT = "../dist/scatterplot.js";
const REGISTRY = "https://www.npmjs.com/package/"; // in the text of an error of regl; no file of ours names a registry

// Copied into regl-scatterplot, which names it in its source alone
const KDBUSH = `ISC License

Copyright (c) 2018, Vladimir Agafonkin

Permission to use, copy, modify, and/or distribute this software for any purpose
with or without fee is hereby granted, provided that the above copyright notice
and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH
REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND
FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS
OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER
TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF
THIS SOFTWARE.`;

const packages = Object.entries(JSON.parse(readFileSync("package-lock.json")).packages)
  .filter(([folder]) => folder && !folder.includes("esbuild"))
  .map(([folder, { version, license }]) => {
    const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
    const title = `${folder.replace(/.*node_modules\//, "")} ${version} (${license})`;
    if (!file) throw new Error(`${folder} has no license`);
    return { title, text: readFileSync(`${folder}/${file}`, "utf8").trim() };
  });
packages.push({ title: "kdbush 4.0.2 (ISC)", text: KDBUSH });

await build({ entryPoints: ["scatterplot.js"], bundle: true, format: "esm", legalComments: "none", minify: true, outfile: OUT, target: "es2022" });
const code = readFileSync(OUT, "utf8").replaceAll(REGISTRY, "");
writeFileSync(OUT, `// ${packages.map(({ title }) => title).join(", ")}: see scatterplot.licenses.txt\n${code}`);
const licenses = packages.map(({ title, text }) => `${title}\n${"=".repeat(title.length)}\n\n${text}\n`.trim());
writeFileSync("../dist/scatterplot.licenses.txt", `${licenses.join("\n\n\n").replaceAll("\r\n", "\n")}\n`);
