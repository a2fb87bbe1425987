export default {
  input: process.env.API_DOCUMENT,
  output: { path: "hey_api.gen", module: { extension: ".js" } },
  plugins: ["@hey-api/client-fetch", "@hey-api/sdk", "@hey-api/typescript"],
};
