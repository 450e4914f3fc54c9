// Complaints as the server sends them, and what a person reads of them.
import { expect, test } from "vitest";
import { Problem } from "../api/client";
import { explained, explainedAtField } from "./explained";

const t = (key: string) => `<${key}>`;

test("what helps is said once, although the server says it in the whole as well", () => {
  const gone = new Problem(404, "NOT_FOUND", "Такого чата нет. Обновите список", "Обновите список");
  expect(explained(gone, t)).toBe("Такого чата нет. Обновите список");
});

test("what helps is added where the whole does not say it", () => {
  const away = new Problem(503, "DATABASE_MISSING", "База данных не отвечает", "Повторите запрос");
  expect(explained(away, t)).toBe("База данных не отвечает. Повторите запрос");
});

test("a field that the console has is called by its label, others as the server calls them", () => {
  const cure = "укажите номер с кодом страны";
  const wrong = (field: string) =>
    new Problem(400, "BAD_REQUEST", `Поле ${field} не принято ('7'): ${cure}`, cure, field);
  expect(explained(wrong("phone"), t)).toBe(`<channel.phone>: ${cure}`);
  expect(explained(wrong("era"), t)).toBe(`Поле era не принято ('7'): ${cure}`);
  expect(explainedAtField(wrong("phone"))).toBe("Укажите номер с кодом страны");
});

test("a request of another shape says which part is wrong", () => {
  const errors = [{ field: "after_minutes", problem: "Нужно `int`, а пришло `str`" }];
  const shape = new Problem(
    400,
    "BAD_REQUEST",
    "Запрос заполнен неверно",
    "Сверьте",
    undefined,
    errors,
  );
  expect(explained(shape, t)).toBe("<curators.afterMinutes>: Нужно `int`, а пришло `str`");
  expect(explainedAtField(shape)).toBe("Нужно `int`, а пришло `str`");
});
