# Sourced when a dyno starts: puts `bridge` on PATH, so that `heroku run bridge doctor` works.
# The app's folder is where this file is: /app on Cedar, /workspace on Fir.
export PATH="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/src/SalesforceBridge/bin/publish:$PATH"
