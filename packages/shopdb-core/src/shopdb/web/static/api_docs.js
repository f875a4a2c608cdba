// The page of /api/docs: Swagger UI over the site's own document.
addEventListener("DOMContentLoaded", () => {
  const place = document.querySelector("#api");
  window.SwaggerUIBundle({
    url: place.dataset.spec,
    domNode: place,
    docExpansion: "none",
    filter: true,
    tryItOutEnabled: true,
    validatorUrl: null,
    requestInterceptor: (request) => {
      request.headers["X-CSRFToken"] = place.dataset.token;
      return request;
    },
  });
});
