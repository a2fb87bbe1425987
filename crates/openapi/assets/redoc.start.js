Redoc.init(openapi, { nativeScrollbars: true }, document.getElementById("redoc"));
