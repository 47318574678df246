// @ts-check
// Browsers get uPlot's own file at this address: see `runtime/core/own_files.ts`.
export { default } from "uplot";
