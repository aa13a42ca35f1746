/**
 * Style sheets of host pages that reach for everything: the rules of popular resets and frameworks, and rules that break
 * plain elements. Each by its name.
 */
export const HOST_STYLES: Readonly<Record<string, string>> = {
  "a normalising reset": `
    html { line-height: 1.15; -webkit-text-size-adjust: 100% }
    h1 { font-size: 2em; margin: 0.67em 0 }
    pre, code { font-family: monospace, monospace; font-size: 1em }
    button, input, textarea { font: 100%/1.15 serif; margin: 0; overflow: visible }
    button::-moz-focus-inner { border-style: none } summary { display: list-item }`,
  "a sanitising reset": `
    *, ::before, ::after { box-sizing: border-box; background-repeat: no-repeat }
    ::before, ::after { text-decoration: inherit; vertical-align: inherit }
    html { cursor: default; line-height: 1.5; overflow-wrap: break-word; tab-size: 4 }
    svg:not([fill]) { fill: currentColor } [aria-busy="true"] { cursor: progress }
    [aria-disabled="true"] { cursor: not-allowed } [aria-hidden="false"][hidden] { display: initial }`,
  "a reset of every element": `
    html, body, div, span, p, pre, a, code, em, img, strong, ol, ul, li, table, tr, th, td, article, details, summary {
      margin: 0; padding: 0; border: 0; font: inherit; font-size: 100%; vertical-align: baseline }
    body { line-height: 1 } ol, ul { list-style: none } blockquote { quotes: none }
    table { border-collapse: collapse; border-spacing: 0 }`,
  "the reset of a utility framework": `
    *, ::before, ::after, ::backdrop { box-sizing: border-box; margin: 0; padding: 0; border: 0 solid; --shadow: none }
    html { line-height: 1.5; font-family: ui-sans-serif, system-ui; tab-size: 4 }
    button, input, textarea { font: inherit; letter-spacing: inherit; color: inherit; background-color: transparent }
    img, svg, video { display: block; vertical-align: middle; max-width: 100%; height: auto }
    [hidden]:where(:not([hidden="until-found"])) { display: none !important }`,
  "the base of a component framework": `
    *, ::before, ::after { box-sizing: border-box }
    body { margin: 0; font: 400 1rem/1.5 serif; color: #212529; background-color: #fff }
    a { color: #0d6efd; text-decoration: underline } p { margin-bottom: 1rem }
    button { border-radius: 0; text-transform: none } textarea { resize: vertical }
    .header, .log, .footer, .notes, .icon, .primary, .title { border: 3px solid red; padding: 2rem }
    .hidden { display: none !important } .fade { opacity: 0 }`,
  "rem as ten pixels": `html { font-size: 62.5% } body { font-size: 1.6rem }`,
  "text of a size of its own": `* { font-size: 11px; line-height: 1; font-weight: 300; font-style: italic }`,
  "monospace everywhere": `* { font-family: monospace; font-variant: small-caps; font-stretch: condensed }`,
  "spaced capitals": `
    * { letter-spacing: 0.2em; word-spacing: 1em; text-transform: uppercase; text-indent: 2em; text-align: right;
      text-shadow: 1px 1px red; text-decoration: underline; font-kerning: none; white-space: pre; hyphens: auto;
      word-break: break-all; tab-size: 2; quotes: "<" ">"; line-break: anywhere; text-wrap: nowrap; overflow-wrap: normal }`,
  "everything unset": `* { all: unset } style, script, head, title { display: none }`,
  "everything initial": `* { all: initial } style, script, head, title { display: none }`,
  "room around everything": `* { padding: 1rem; margin: 0 } *::before { content: "x"; padding: 1rem }`,
  "boxes that are visible": `
    * { outline: 1px dotted transparent; border: 2px solid red; background: pink; box-sizing: content-box;
      min-width: 0; min-height: 0; max-width: 100% }`,
  "buttons and fields, important": `
    button, [type="button"] { all: unset !important; background: red !important; padding: 20px !important }
    textarea, input { display: none !important; border: 9px solid !important; min-height: 90px !important }
    label { display: block !important; font-weight: bold !important }`,
  "no focus": `
    :focus, :focus-visible, *:focus { outline: none !important; box-shadow: none !important; border-color: red !important }
    ::selection { color: red; background: yellow } * { caret-color: transparent; accent-color: red; cursor: none }`,
  "no images": `svg, path, img { display: none !important; fill: red; stroke: red } slot { display: none !important }`,
  "articles and popovers": `
    article, details, summary, table, pre, blockquote { display: flex; border: 4px solid; padding: 2em; background: red }
    [popover] { inset: 0; margin: auto; border: 9px solid; padding: 9px } [role="log"] { display: none }
    [part] { transform: rotate(3deg); opacity: 0.5 }`,
  "live regions that are shown": `
    [role="status"], [role="alert"] { position: fixed !important; inset: 0; z-index: 9999; padding: 2rem;
      background: red; display: block !important; width: 100vw; height: 100vh; opacity: 1 }
    div, p { position: relative; min-height: 40px; font-size: 40px }`,
  "motion everywhere": `
    @keyframes colour { to { color: red; letter-spacing: 9px; font-size: 40px } }
    * { transition: all 3s; animation: colour 1s infinite alternate; scroll-behavior: smooth }`,
  "no motion": `
    *, ::before, ::after { animation-duration: 0.01ms !important; transition-duration: 0.01ms !important;
      scroll-behavior: auto !important }`,
  "a printed look": `
    *, ::before, ::after { background: transparent !important; color: #000 !important; box-shadow: none !important;
      text-shadow: none !important } a[href]::after { content: " (" attr(href) ")" } pre { white-space: pre-wrap !important }`,
  "a dark page": `
    :root { color-scheme: dark } html, body { color: white } * { color: white; border-color: white; color-scheme: dark }`,
  "columns and vertical text": `
    * { text-orientation: upright; writing-mode: horizontal-tb; text-align: justify; text-align-last: center;
      direction: ltr; unicode-bidi: plaintext; user-select: none; -webkit-user-select: none; line-height: 3;
      vertical-align: top; list-style: square inside; border-collapse: collapse; border-spacing: 9px; empty-cells: hide }`,
};
