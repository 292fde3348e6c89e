# docker build -t sluice .
# docker run -v "$PWD/state:/opt/sluice/state" --user "$(id -u):$(id -g)" --stop-timeout 30 sluice

FROM node:26-slim AS build
WORKDIR /opt/sluice
# Twice the same command: without src it only installs, and that layer stays until the lock file changes.
COPY run.sh package.json package-lock.json ./
RUN ./run.sh setup
COPY tsconfig.json ./
COPY state state
COPY src src
RUN ./run.sh setup

FROM node:26-slim AS packages
WORKDIR /opt/sluice
COPY package.json package-lock.json ./
# The runtime from npm is a dev dependency: the image brings its own.
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:26-slim
# An init, because node as process 1 would neither get default signal actions nor reap what it leaves behind.
RUN apt-get update \
  && apt-get install -y --no-install-recommends tini \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/sluice
COPY --from=packages /opt/sluice/node_modules node_modules
COPY --from=build /opt/sluice/dist dist
COPY package.json run.sh LICENSE ./
RUN mkdir state && chown node:node state
ENV NODE_ENV=production
USER node
STOPSIGNAL SIGTERM
# Asks the running controller over its socket. Docker knows 0 and 1 only.
HEALTHCHECK --interval=60s --timeout=20s --start-period=60s \
  CMD node /opt/sluice/dist/main.js status --json >/dev/null || exit 1
ENTRYPOINT ["tini", "--", "node", "/opt/sluice/dist/main.js"]
CMD ["go"]
