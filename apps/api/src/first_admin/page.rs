//! The pages behind the link, plain enough to need nothing from elsewhere.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, prelude::BASE64_STANDARD};

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>First administrator</title>
<link rel="icon" href="data:,">
"#;

const STYLE: &str = "
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 26rem; margin: 4rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
label { display: block; margin: 1rem 0 .25rem; }
input { width: 100%; box-sizing: border-box; padding: .5rem; font: inherit; }
button { margin-top: 1.5rem; padding: .6rem 1.2rem; font: inherit; }
small { color: GrayText; }
";

const FORM: &str = r#"<body>
<h1>First administrator</h1>
<p>There is no administrator yet. This form makes the account that manages all others. It works once.</p>
<form method="post">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" required maxlength="254" autocomplete="email">
<label for="username">Username</label>
<input id="username" name="username" required minlength="3" maxlength="50" pattern="[A-Za-z0-9_]+" autocomplete="username">
<small>3 to 50 letters, digits and underscores</small>
<label for="password">Password</label>
<input id="password" name="password" type="password" required minlength="8" maxlength="128" autocomplete="new-password">
<small>8 to 128 characters; a few unrelated words are good</small>
<br>
<button>Make the account</button>
</form>
</body>
</html>
"#;

const DONE: &str = r#"<body>
<h1>Done</h1>
<p>The administrator's account is ready, and this link is used up. Sign in with
<code>POST /api/v1/auth/login</code>, or from the <a href="/docs">API documentation</a>.</p>
</body>
</html>
"#;

/// The page with the form.
pub(super) fn form() -> String {
    page(FORM)
}

/// The page after the form.
pub(super) fn done(prefix: &str) -> String {
    page(&DONE.replace("/api/v1", prefix))
}

/// What the pages may do: have their one style, and send their form back here.
pub(super) fn policy() -> String {
    let style = BASE64_STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; img-src data:; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

fn page(body: &str) -> String {
    format!("{HEAD}<style>{STYLE}</style>\n</head>\n{body}")
}
