// Makes an endpoint or changes one. A new one shows its secret once, and takes a test from there.
import { Button, TextInput } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { ChannelsField } from "../../app/ChannelsField";
import { Dialog } from "../../app/Dialog";
import { useFieldErrors } from "../../app/fieldErrors";
import { Secret } from "../../app/Secret";
import { useWords } from "../../i18n/words";
import { type Endpoint, useKeepEndpoint, useTest } from "./endpoints";
import { KindsField } from "./KindsField";
import { TestAnswer } from "./TestAnswer";

interface Props {
  /** Null: a new one. */
  readonly endpoint: Endpoint | null;
  readonly testsAtOnce?: boolean;
  readonly onClose: () => void;
}

export function EndpointForm({ endpoint, testsAtOnce = false, onClose }: Props) {
  const { t } = useWords();
  const test = useTest();
  const [made, setMade] = useState<{ id: string; secret: string } | null>(null);
  const whenMade = (id: string, secret: string) => {
    setMade({ id, secret });
    if (testsAtOnce) test.mutate(id);
  };
  return (
    <Dialog size="lg" onClose={onClose} title={endpoint?.name ?? t("webhooks.add")}>
      {made === null ? (
        <Wishes endpoint={endpoint} onMade={whenMade} onClose={onClose} />
      ) : (
        <div className="dialog-form">
          <Secret text={made.secret} hint={t("webhooks.secretOnce")} />
          <Button
            variant="default"
            leftSection={<IconSend size={18} aria-hidden />}
            loading={test.isPending}
            onClick={() => test.mutate(made.id)}
          >
            {t("webhooks.test")}
          </Button>
          {test.data !== undefined && <TestAnswer tested={test.data} />}
        </div>
      )}
    </Dialog>
  );
}

interface WishesProps {
  readonly endpoint: Endpoint | null;
  readonly onMade: (id: string, secret: string) => void;
  readonly onClose: () => void;
}

function Wishes({ endpoint, onMade, onClose }: WishesProps) {
  const { t } = useWords();
  const keep = useKeepEndpoint(endpoint);
  const [kinds, setKinds] = useState<readonly string[] | null>(endpoint?.kinds ?? null);
  const [channels, setChannels] = useState<readonly string[] | null>(endpoint?.channels ?? null);
  const errorAt = useFieldErrors(keep.error, ["name", "kinds", "channels", "url"]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (field: string) => `${form.get(field)}`.trim();
    const wanted = {
      name: text("name"),
      url: text("url"),
      kinds: kinds === null ? null : [...kinds],
      channels: channels === null ? null : [...channels],
    };
    keep.mutate(wanted, {
      onSuccess: (answer) =>
        answer.secret === null ? onClose() : onMade(answer.endpoint.id, answer.secret),
    });
  };
  return (
    <form onSubmit={submit} className="dialog-form">
      <TextInput
        name="name"
        label={t("channel.name")}
        defaultValue={endpoint?.name}
        error={errorAt("name")}
        required
        data-autofocus
      />
      <TextInput
        name="url"
        type="url"
        label={t("webhooks.url")}
        description={t("webhooks.url.hint")}
        placeholder="https://crm.example/houston"
        defaultValue={endpoint?.url}
        error={errorAt("url")}
        required
      />
      <KindsField chosen={kinds} onChange={setKinds} error={errorAt("kinds")} />
      <ChannelsField chosen={channels} onChange={setChannels} error={errorAt("channels")} />
      <div className="dialog-buttons">
        <Button type="submit" loading={keep.isPending}>
          {endpoint === null ? t("webhooks.make") : t("save")}
        </Button>
      </div>
    </form>
  );
}
