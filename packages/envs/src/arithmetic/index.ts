/** Functions and draws with the same bits everywhere. */

/** Where the random numbers of a start come from. */
export * as Draws from "./Draws.ts"
/** Normal draws by the ziggurat (Marsaglia and Tsang, "The ziggurat method for generating random variables", 2000) in the form of Doornik (2005) that NumPy's `Generator` uses. */
export * as Ziggurat from "./Ziggurat.ts"
