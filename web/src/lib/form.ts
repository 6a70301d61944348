import { schemaResolver, useForm as useFields } from "@mantine/form";
import { type GenericSchema, is, parse } from "valibot";

/** Fields whose schema says what may be sent, and makes of them what is sent. */
export function useForm<Values extends object, Sent>(schema: GenericSchema<Values, Sent>, initialValues: Values) {
  const form = useFields<Values, Sent>({
    initialValues,
    validate: schemaResolver(schema, { sync: true }),
    transformValues: (values) => parse(schema, values),
    // What was wrong stays said until it is sent again.
    clearInputErrorOnChange: false,
  });
  const { values, errors, setValues: set, onSubmit } = form;
  return {
    values,
    errors,
    set,
    onSubmit,
    /** Whether something stands there that was not there at first. */
    changed: form.isDirty(),
    /** Whether it may be sent. */
    fits: is(schema, values),
    /** Joins an input, a text or a select with its value. */
    bind: (name: keyof Values & string) => {
      const { value, onChange } = form.getInputProps(name as Parameters<typeof form.getInputProps>[0]);
      return { value: value as string, onChange: onChange as (event: React.ChangeEvent) => void };
    },
  };
}
