#!/bin/sh
# Makes sure that a Chromium can be found for the browser tests.
for c in "$CHROME_PATH" chromium chromium-browser google-chrome google-chrome-stable; do
  if [ -n "$c" ] && command -v "$c" >/dev/null 2>&1; then exit 0; fi
done
[ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing chromium"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
  exit $?
fi
echo "The browser tests need Chrome or Chromium: install it, or set CHROME_PATH to its program." >&2
exit 1
