# Sourced when a dyno starts: puts `bridge` on PATH, so that `heroku run bridge doctor` works.
export PATH="$HOME/src/SalesforceBridge/bin/publish:$PATH"
