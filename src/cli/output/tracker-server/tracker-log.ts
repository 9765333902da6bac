import type { Clock } from '../../../platform/clock.ts';
import type { Logger } from '../../../platform/logger.ts';
import { FewMatches } from './few-matches.ts';
import type { TrackerFacts, TrackerNews, TrackerView } from './tracker-view.ts';

/** For a journal, a container's log or a log file: each news with its level and fields, matches a few a second. */
export function trackerLog(logger: Logger, clock: Clock, tracker: Pick<TrackerFacts, 'stats'>): TrackerView {
  const few = new FewMatches(clock, tracker, (matches) => logger.info({ matches }, 'more matches'));
  return {
    take(news) {
      if (news.event !== 'matched' || few.isShown()) logNews(logger, news);
    },
    finish() {
      few.finish();
    },
  };
}

function logNews(logger: Logger, news: TrackerNews): void {
  switch (news.event) {
    case 'listening':
      return logger.info({ port: news.port, urls: news.urls }, 'the tracker listens');
    case 'matched': {
      const { event: message, ...details } = news;
      return logger.info(details, message);
    }
    case 'store':
      return news.state === 'failing'
        ? logger.error({ store: news.state }, news.message)
        : logger.info({ store: news.state }, news.message);
    case 'warning':
      return logger.warn({}, news.message);
  }
}
