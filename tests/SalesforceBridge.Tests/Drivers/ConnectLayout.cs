using SalesforceBridge.Testing;

namespace SalesforceBridge.Tests.Drivers;

/// <summary>As much of what Heroku Connect makes in a schema as the commands look at.</summary>
internal static class ConnectLayout
{
    public static Task ConnectAsync(TestDatabase database, string schema) => database.ExecuteAsync($$"""
        create extension if not exists hstore;
        create schema {{schema}};
        create table {{schema}}._hcmeta (id int, hcver int, org_id varchar(50), details text);
        create table {{schema}}._trigger_log (
            id serial primary key, txid bigint, created_at timestamptz default clock_timestamp(), updated_at timestamptz, processed_at timestamptz, processed_tx bigint,
            state varchar(8), action varchar(7), table_name varchar(128), record_id int, sfid varchar(18), old text, "values" text, sf_result int, sf_message text);
        create table {{schema}}._trigger_log_archive (like {{schema}}._trigger_log);
        create table {{schema}}.contact (id serial primary key, sfid varchar(18), email varchar(80));
        create function {{schema}}.hc_capture_update_from_row(source_row hstore, table_name varchar, columns_to_include text[] default array[]::text[]) returns int
        language sql as $$
            insert into {{schema}}._trigger_log (state, action, table_name, record_id, "values")
            select 'NEW', 'UPDATE', table_name, (source_row -> 'id')::int, slice(source_row, columns_to_include)::text returning id
        $$
        """);
}
