/**
 * The styles and the icon of the launcher's button. Uses no library, as a page loads nothing else before a visitor
 * opens the chat. The component renders the same button once it is loaded.
 * @module
 */

/** The styles of the button and of the host element in the corner of the window. */
export const LAUNCHER_CSS = `
:host([mode="launcher"]){all:initial;position:fixed;z-index:var(--chat-stream-z-index,2147483000);
inset-block-end:max(1.25em,env(safe-area-inset-bottom));inset-inline-end:1.25em;color-scheme:light dark!important;
padding:0!important;border:0!important;background:none!important;font-size:var(--chat-stream-font-size,medium)!important}
:host([mode="launcher"][theme="light"]){color-scheme:light!important}
:host([mode="launcher"][theme="dark"]){color-scheme:dark!important}
:host([mode="launcher"][hidden]){display:none}
.launcher{display:grid;place-items:center;box-sizing:border-box;inline-size:3.5em;block-size:3.5em;margin:0;padding:0;
border:0;border-radius:calc(var(--chat-stream-radius,1.125em)*1.1);font-size:inherit;cursor:pointer;
background:var(--chat-stream-accent,light-dark(#0c6b58,#63d2b4));color:var(--chat-stream-on-accent,light-dark(#fff,#06231c));
box-shadow:0 1px 2px #0003,0 10px 28px -8px #0006}
.launcher:focus-visible{outline:3px solid var(--chat-stream-accent,light-dark(#0c6b58,#63d2b4));outline-offset:3px}
.launcher svg{inline-size:1.75em;block-size:1.75em;fill:none;stroke:currentColor;stroke-width:2.2;stroke-linecap:round}
@media (prefers-reduced-motion:no-preference){.launcher{transition:scale .15s}.launcher:hover{scale:1.05}}
@media (forced-colors:active){.launcher{border:2px solid}}
@media print{:host([mode="launcher"]){display:none}}`;

/** The path of the icon: three lines of text. */
export const MARK_PATH = "M4 7c4-3 6 3 10 0s4-1 6 0M4 12c4-3 6 3 10 0s4-1 6 0M4 17c4-3 5 2 8 0";
