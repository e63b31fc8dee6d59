// What the map draws its points with: all that map.js takes from other people's packages.

export { default as createScatterplot } from "regl-scatterplot";
