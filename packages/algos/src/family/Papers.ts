/** The papers that algorithms and variants are from. */
import type * as Part from "@ornstein/core/Part"

const paper = (authors: string, year: number, title: string, link: string): Part.Paper => ({
  authors,
  year,
  title,
  link
})

export const huber = paper(
  "Huber",
  1964,
  "Robust estimation of a location parameter",
  "https://doi.org/10.1214/aoms/1177703732"
)

export const konda = paper(
  "Konda and Tsitsiklis",
  2000,
  "Actor-critic algorithms",
  "https://papers.nips.cc/paper/1786-actor-critic-algorithms"
)

export const lillicrap = paper(
  "Lillicrap et al.",
  2015,
  "Continuous control with deep reinforcement learning",
  "https://arxiv.org/abs/1509.02971"
)

export const mnih = paper(
  "Mnih et al.",
  2016,
  "Asynchronous methods for deep reinforcement learning",
  "https://arxiv.org/abs/1602.01783"
)

export const ba = paper(
  "Ba, Kiros and Hinton",
  2016,
  "Layer normalization",
  "https://arxiv.org/abs/1607.06450"
)

export const zaheer = paper("Zaheer et al.", 2017, "Deep sets", "https://arxiv.org/abs/1703.06114")

export const fujimoto = paper(
  "Fujimoto, van Hoof and Meger",
  2018,
  "Addressing function approximation error in actor-critic methods",
  "https://arxiv.org/abs/1802.09477"
)

export const barthMaron = paper(
  "Barth-Maron et al.",
  2018,
  "Distributed distributional deterministic policy gradients",
  "https://arxiv.org/abs/1804.08617"
)

export const haarnoja = paper(
  "Haarnoja et al.",
  2018,
  "Soft actor-critic algorithms and applications",
  "https://arxiv.org/abs/1812.05905"
)

export const kuznetsov = paper(
  "Kuznetsov et al.",
  2020,
  "Controlling overestimation bias with truncated mixture of continuous distributional quantile critics",
  "https://arxiv.org/abs/2005.04269"
)

export const chen = paper(
  "Chen et al.",
  2021,
  "Randomized ensembled double Q-learning: learning fast without a model",
  "https://arxiv.org/abs/2101.05982"
)

export const gu = paper(
  "Fujimoto and Gu",
  2021,
  "A minimalist approach to offline reinforcement learning",
  "https://arxiv.org/abs/2106.06860"
)
