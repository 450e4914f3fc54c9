declare module "virtual:emoji/*" {
  interface Emoji {
    readonly categories: { readonly index: number; readonly label: string }[];
    /** Itself, its category, its name, and words by which it is found. */
    readonly emoji: readonly (readonly [string, number, string, string])[];
  }
  const emoji: Emoji;
  export default emoji;
}
