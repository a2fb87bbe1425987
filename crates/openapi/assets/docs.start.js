// Keeps the sign-in when the page is reloaded. Swagger UI's own `persistAuthorization` writes the password and the
// refresh token into the local storage, where they stay for good. This keeps the access token, and in this tab only.
const KEPT = "palisade-docs-authorized";

const keepSignIn = () => ({
  statePlugins: {
    auth: {
      wrapActions: {
        persistAuthorizationIfNeeded: (_, system) => () => {
          const authorized = system.authSelectors.authorized().toJS();
          for (const auth of Object.values(authorized)) {
            delete auth.password;
            delete auth.clientSecret;
            delete auth.token?.refresh_token;
          }
          sessionStorage.setItem(KEPT, JSON.stringify(authorized));
          return { type: "kept_authorization" };
        },
      },
    },
    configs: {
      wrapActions: {
        loaded: (original, system) => (payload) => {
          const kept = sessionStorage.getItem(KEPT);
          if (kept) {
            system.authActions.restoreAuthorization({ authorized: JSON.parse(kept) });
          }
          return original(payload);
        },
      },
    },
  },
});

// The document names one server, so there is none to choose. The link within the button of each operation only stands in
// the way of whoever uses a keyboard or a screen reader: the button does the same.
const simplify = () => ({
  components: { ServersContainer: () => null },
  wrapComponents: {
    DeepLink: (Original, { React }) => (props) => React.createElement(Original, { ...props, enabled: false }),
  },
});

// What a screen reader calls the controls that Swagger UI leaves without a name, or gives another than they show.
const NAMES = [
  [".copy-to-clipboard > button:not([aria-label])", () => "Copy"],
  [".close-modal:not([aria-label])", () => "Close"],
  [".examples-select-element:not([aria-label])", () => "Example"],
  [".body-param__text:not([aria-label])", () => "Request body"],
  ["[data-param-name] select:not([aria-label])", (control) => control.closest("[data-param-name]").dataset.paramName],
  ["[aria-label^='Apply '], [aria-label='Remove authorization']", (control) => control.textContent],
];

const nameControls = () => {
  for (const [selector, nameOf] of NAMES) {
    for (const control of document.querySelectorAll(selector)) {
      control.setAttribute("aria-label", nameOf(control));
    }
  }
};

new MutationObserver(nameControls).observe(document.body, { attributeFilter: ["aria-label"], childList: true, subtree: true });

SwaggerUIBundle({
  url: openapi,
  dom_id: "#swagger-ui",
  deepLinking: true,
  tryItOutEnabled: true,
  // The numbers of the usual theme are too faint to read.
  syntaxHighlight: { theme: "obsidian" },
  // The validator of Swagger UI is a service elsewhere.
  validatorUrl: "none",
  plugins: [keepSignIn, simplify],
});
