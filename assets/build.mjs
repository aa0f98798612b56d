// Builds what browsers load: one stylesheet, our script, htmx, and the fonts cut to the letters we write.
// Output goes to src/wafa/design/static/design/built, which git ignores and the wheel carries.
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import subsetFont from "subset-font";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const built = join(root, "src/wafa/design/static/design/built");
const packages = join(root, "node_modules");

// Code points by first and last: these ranges stand in base.css as unicode-range too.
const LATIN = [[0x20, 0x7e], [0xa0, 0xff], [0x131, 0x131], [0x152, 0x153], [0x2bb, 0x2bc], [0x2010, 0x2027],
  [0x2030, 0x203a], [0x20ac, 0x20ac], [0x2122, 0x2122], [0x2190, 0x2193], [0x2212, 0x2212]];
const LATIN_EXTENDED = [[0x100, 0x130], [0x132, 0x151], [0x154, 0x24f], [0x1e00, 0x1eff]];
const ARABIC = [[0x600, 0x6ff], [0x200c, 0x200f]];
const FONTS = [
  ["inter-latin", "inter/files/inter-latin-wght-normal.woff2", LATIN],
  ["inter-latin-extended", "inter/files/inter-latin-ext-wght-normal.woff2", LATIN_EXTENDED],
  ["vazirmatn-arabic", "vazirmatn/files/vazirmatn-arabic-wght-normal.woff2", ARABIC],
];

function letters(ranges) {
  return ranges
    .flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i)))
    .join("");
}

async function cutFont([name, file, ranges]) {
  const whole = await readFile(join(packages, "@fontsource-variable", file));
  const cut = await subsetFont(whole, letters(ranges), {
    targetFormat: "woff2",
    variationAxes: { wght: { min: 400, max: 700 } },
  });
  await writeFile(join(built, "fonts", `${name}.woff2`), cut);
  return `${name} ${whole.length} to ${cut.length} bytes`;
}

await rm(built, { recursive: true, force: true });
await mkdir(join(built, "fonts"), { recursive: true });
await build({
  entryPoints: { wafa: join(root, "assets/styles/wafa.css"), page: join(root, "assets/scripts/page.js") },
  outdir: built,
  bundle: true,
  minify: true,
  external: ["*.woff2"],
  logLevel: "warning",
});
await copyFile(join(packages, "htmx.org/dist/htmx.min.js"), join(built, "htmx.js"));
await copyFile(join(root, "assets/images/mark.svg"), join(built, "mark.svg"));
for (const family of ["inter", "vazirmatn"]) {
  await copyFile(join(packages, "@fontsource-variable", family, "LICENSE"), join(built, "fonts", `${family}-license.txt`));
}
for (const line of await Promise.all(FONTS.map(cutFont))) console.log(line);
