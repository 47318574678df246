/** The environment that a file sees while it is loaded. */
export interface LoadEnvironment {
  /** The variables that were read, in order; `*` if all were listed. */
  readonly asked: readonly string[];
  /** From now on, reading a variable that was not granted is denied, unless the file itself has set it. */
  end(): void;
}

type Env = Pick<typeof Deno.env, "get" | "has" | "toObject" | "set" | "delete">;

/**
 * Lets a file and its packages read the environment while they are loaded. It contains only `values`. Reading another
 * variable is not denied, but finds nothing: many packages list all variables to look for a rare one. What they set
 * themselves, they can read again.
 */
export function lendEnvironment(values: Readonly<Record<string, string>>): LoadEnvironment {
  const asked = new Set<string>();
  const lent = new Map(Object.entries(values));
  const { get, has, toObject } = Deno.env;
  const set = new Map<string, string>();
  const loading: Env = {
    get: (name) => {
      asked.add(name);
      return lent.get(name);
    },
    has: (name) => {
      asked.add(name);
      return lent.has(name);
    },
    toObject: () => {
      asked.add("*");
      return Object.fromEntries(lent);
    },
    set: (name, value) => {
      lent.set(name, String(value));
      set.set(name, String(value));
    },
    delete: (name) => {
      lent.delete(name);
      set.delete(name);
    },
  };
  const later: Env = {
    get: (name) => set.get(name) ?? get(name),
    has: (name) => set.has(name) || has(name),
    toObject: () => ({ ...toObject(), ...Object.fromEntries(set) }),
    set: Deno.env.set,
    delete: Deno.env.delete,
  };
  Object.assign(Deno.env, loading);
  return {
    get asked() {
      return [...asked];
    },
    end: () => void Object.assign(Deno.env, later),
  };
}
