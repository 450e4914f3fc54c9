// Earlier rows of a log.
import { Button } from "@mantine/core";
import { useWords } from "../../i18n/words";

interface Props {
  readonly found: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    fetchNextPage(): unknown;
  };
}

export function More({ found }: Props) {
  const { t } = useWords();
  if (!found.hasNextPage) return null;
  return (
    <Button
      variant="default"
      loading={found.isFetchingNextPage}
      onClick={() => void found.fetchNextPage()}
    >
      {t("log.earlier")}
    </Button>
  );
}
