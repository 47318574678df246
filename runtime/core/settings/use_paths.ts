import type { Config, Override } from "../api/options.ts";

/** The same config, whose paths of middleware are placed otherwise. */
export function placeUses(config: Config, place: (path: string) => string): Config {
  const placed = (override: Override): Override =>
    override.use ? { ...override, use: override.use.map(place) } : override;
  const { defaults, functions } = config;
  return {
    ...config,
    ...defaults && { defaults: placed(defaults) },
    ...functions && {
      functions: Object.fromEntries(Object.entries(functions).map(([glob, one]) => [glob, placed(one)])),
    },
  };
}
