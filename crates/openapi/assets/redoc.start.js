// The document of `?version=v2`; without one, the first version's.
const version = new URLSearchParams(location.search).get("version");
const openapi = /^v[0-9]+$/.test(version) ? `/openapi/${version}.json` : "/openapi.json";

Redoc.init(openapi, { nativeScrollbars: true }, document.getElementById("redoc"));
